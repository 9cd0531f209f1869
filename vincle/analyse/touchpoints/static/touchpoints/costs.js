// Up and down go from row to row of the table of costs; left and right stay with the text.
(() => {
  const table = document.querySelector("[data-cost-table]");
  if (!table) return;
  table.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const cell = event.target.closest("td");
    const rows = [...table.tBodies[0].rows];
    const row = rows[rows.indexOf(cell?.parentElement) + (event.key === "ArrowDown" ? 1 : -1)];
    const input = row?.cells[cell.cellIndex].querySelector("input");
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
})();
