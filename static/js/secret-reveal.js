/* A credential that is masked until asked for. The server's markup works without this script:

   <div data-holds-key>
     <secret-reveal>
       <code class="key key--masked">cerby_…_••••••••</code>
       <details><summary>Show</summary><code class="key" data-plaintext>…</code></details>
     </secret-reveal>
     <input type="hidden" name="key" value="…">      (optional)
   </div>

   With it, the details give way to Show/Hide and Copy. The plaintext is then held in memory alone,
   and is in the document only while it is shown. Whatever ends the page or takes the element away
   wipes it, together with every input named "key" inside the same [data-holds-key].
   Details that are open to begin with are shown to begin with.
   noun="secret" changes what the messages call it; "key" is the default. */

import { copy, select } from "./clipboard.js";

class SecretReveal extends HTMLElement {
  #plaintext = "";
  #masked = "";
  #code;
  #toggle;
  #copy;
  #status;
  #holder = null;
  #wipe = () => this.wipe();

  connectedCallback() {
    const details = this.querySelector("details");
    if (!details) {
      return;
    }
    const shown = details.open;
    this.#plaintext = details.querySelector("[data-plaintext]").textContent;
    details.remove();
    this.#code = this.querySelector(".key");
    this.#masked = this.#code.textContent;
    this.#holder = this.closest("[data-holds-key]");

    this.#toggle = this.#button("Show", () => this.#show(!this.#shown));
    this.#copy = this.#button("Copy", () => this.#copyOut());
    this.#status = document.createElement("span");
    this.#status.className = "secret__status";
    this.#status.setAttribute("role", "status");
    const actions = document.createElement("div");
    actions.className = "secret__actions";
    actions.append(this.#toggle, this.#copy, this.#status);
    this.append(actions);
    this.dataset.ready = "";
    this.#show(shown);
    addEventListener("pagehide", this.#wipe);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#wipe);
    this.wipe();
  }

  wipe() {
    if (!this.#plaintext) {
      return;
    }
    this.#show(false);
    this.#plaintext = "";
    for (const input of this.#holder?.querySelectorAll("input[name=key]") ?? []) {
      input.value = "";
      input.removeAttribute("value");
    }
    this.#toggle.disabled = this.#copy.disabled = true;
    this.#say(`The ${this.#noun} is no longer held by this page.`);
  }

  get #noun() {
    return this.getAttribute("noun") ?? "key";
  }

  get #shown() {
    return !this.#code.classList.contains("key--masked");
  }

  #show(shown) {
    this.#code.textContent = shown ? this.#plaintext : this.#masked;
    this.#code.classList.toggle("key--masked", !shown);
    this.#toggle.textContent = shown ? "Hide" : "Show";
  }

  async #copyOut() {
    if (await copy(this.#plaintext)) {
      this.#say("Copied to the clipboard.", "done");
      return;
    }
    this.#show(true);
    select(this.#code);
    this.#say(`Copy failed: select the ${this.#noun} and copy it yourself.`, "failed");
  }

  #say(text, state = "") {
    this.#status.dataset.state = state;
    this.#status.textContent = text;
  }

  #button(label, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = label;
    button.addEventListener("click", act);
    return button;
  }
}

customElements.define("secret-reveal", SecretReveal);
