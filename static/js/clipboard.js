/* Puts a text on the clipboard, and says truthfully whether it did. */

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain HTTP has no clipboard API, and a browser may refuse it: copy a selection instead.
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "visually-hidden";
  area.readOnly = true;
  area.tabIndex = -1;
  area.value = text;
  // What lies outside an open modal is inert, and cannot be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(area);
  area.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  area.value = "";
  area.remove();
  focused?.focus({ preventScroll: true });
  return copied;
}

export function select(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}
