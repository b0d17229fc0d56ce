/* <copy-text><code>…</code></copy-text>: adds a Copy button beside a text that is no secret. */

import { copy, select } from "./clipboard.js";

class CopyText extends HTMLElement {
  connectedCallback() {
    if (this.querySelector(".secret__actions")) {
      return;
    }
    const source = this.firstElementChild;
    const actions = document.createElement("div");
    actions.className = "secret__actions";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--small";
    button.textContent = "Copy";
    const status = document.createElement("span");
    status.className = "secret__status";
    status.setAttribute("role", "status");
    actions.append(button, status);
    this.append(actions);

    button.addEventListener("click", async () => {
      const copied = await copy(source.textContent);
      if (!copied) {
        select(source);
      }
      status.dataset.state = copied ? "done" : "failed";
      status.textContent = copied ? "Copied." : "Copy failed: the text is selected, copy it yourself.";
    });
  }
}

customElements.define("copy-text", CopyText);
