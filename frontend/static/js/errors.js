// After a refused form the summary is read first; its links then lead to the fields.
const summary = document.querySelector("[data-errors]");
if (summary) summary.focus();
