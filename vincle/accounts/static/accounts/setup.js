// The browser knows the time zone better than the server can guess it.
const zones = document.getElementById("id_timezone");
const mine = Intl.DateTimeFormat().resolvedOptions().timeZone;
const untouched = !document.querySelector('[aria-invalid="true"]');
if (zones && untouched && [...zones.options].some((option) => option.value === mine)) zones.value = mine;
