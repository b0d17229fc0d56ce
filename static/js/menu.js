/* Gives every .menu popover the keys and roles of a menu. Opening, closing and dismissing are the
   browser's own, so menus work without this script, as lists of links and buttons. */

const ANCHORED = CSS.supports("position-area", "block-end");

const buttonOf = (menu) => document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
const itemsOf = (menu) => [...menu.querySelectorAll(".menu__item:not(:disabled)")];

function nameMenus(root) {
  for (const menu of root.querySelectorAll(".menu[popover]")) {
    menu.setAttribute("role", "menu");
    const button = buttonOf(menu);
    button?.setAttribute("aria-haspopup", "menu");
    if (button?.ariaLabel) {
      menu.setAttribute("aria-label", button.ariaLabel);
    }
    for (const child of menu.querySelectorAll("li:not([role=separator])")) {
      child.setAttribute("role", "none");
    }
    for (const item of menu.querySelectorAll(".menu__item")) {
      item.setAttribute("role", "menuitem");
      item.tabIndex = -1;
    }
  }
}

function placeBelow(menu, button) {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const fits = at.bottom + size.height + 4 <= innerHeight;
  Object.assign(menu.style, {
    inset: "auto",
    margin: "0",
    top: `${fits ? at.bottom + 4 : at.top - size.height - 4}px`,
    left: `${Math.max(8, menu.classList.contains("menu--start") ? at.left : at.right - size.width)}px`,
  });
}

function move(event, menu) {
  const items = itemsOf(menu);
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1 + (at < 0), Home: 0, End: -1 };
  let to = steps[event.key];
  if (to === undefined && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    const letter = event.key.toLowerCase();
    const rest = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    to = items.indexOf(rest.find((item) => item.textContent.trim().toLowerCase().startsWith(letter)));
    if (to < 0 || letter === " ") {
      return;
    }
  }
  if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }
}

// Toggle events do not bubble; they are caught on their way down.
document.addEventListener(
  "toggle",
  ({ target, newState }) => {
    if (newState === "open" && target.matches?.(".menu")) {
      if (!ANCHORED && buttonOf(target)) {
        placeBelow(target, buttonOf(target));
      }
      itemsOf(target)[0]?.focus();
    }
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu:popover-open");
  if (!menu) {
    return;
  }
  if (event.key === "Tab") {
    menu.hidePopover();
  } else {
    move(event, menu);
  }
});

document.addEventListener("click", (event) => {
  event.target.closest?.(".menu__item")?.closest(":popover-open")?.hidePopover();
});

document.addEventListener("htmx:load", ({ target }) => nameMenus(target.parentElement ?? document));
nameMenus(document);
