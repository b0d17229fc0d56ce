/* Tells the server the browser's time zone, so that it writes times as the person reads clocks. */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (/^[\w+\-/]+$/.test(zone ?? "")) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}
