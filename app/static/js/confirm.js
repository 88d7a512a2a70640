// Asks before something happens, in numbers. Without scripts the link or button goes ahead at once.
for (const start of document.querySelectorAll("[data-confirm]")) {
  const dialog = document.getElementById(start.dataset.confirm);
  if (!dialog?.showModal) continue;
  start.setAttribute("aria-haspopup", "dialog");
  start.addEventListener("click", (event) => {
    event.preventDefault();
    dialog.showModal();
  });
  dialog.querySelector("[data-go]").addEventListener("click", () => dialog.close());
}
