// A preview that arrives in the dialog's body opens the dialog.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "identity-dialog-body") return;
  const dialog = event.detail.target.closest("dialog");
  if (!dialog.open) dialog.showModal();
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
});
