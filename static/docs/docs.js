// Shows the API's description with Swagger UI, from this server's own files, and mends what its
// markup keeps from readers of screens and users of keyboards.

const place = document.querySelector("#docs");

const mends = {
  // Headings begin at h1 and go on at h3: each below the first is one level too low.
  ":is(h3, h4, h5, h6):not([aria-level])": (heading) => {
    heading.setAttribute("aria-level", Number(heading.tagName[1]) - 1);
  },
  "[data-param-name] :is(select, input):not([aria-label])": (field) => {
    field.setAttribute("aria-label", field.closest("[data-param-name]").dataset.paramName);
  },
  ".examples-select-element:not([aria-label])": (field) => {
    field.setAttribute("aria-label", "Example");
  },
  "pre.microlight:not([tabindex])": (block) => {
    block.tabIndex = 0;
  },
};

const mend = () => {
  for (const [selector, change] of Object.entries(mends)) {
    place.querySelectorAll(selector).forEach(change);
  }
};

new MutationObserver(mend).observe(place, { childList: true, subtree: true });

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  defaultModelsExpandDepth: -1,
  syntaxHighlight: false, // its colours are too faint
  validatorUrl: null, // its badge would ask another host
});
