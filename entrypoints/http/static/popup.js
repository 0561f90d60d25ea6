// The last page of a pop-up: tells the window that opened it how the sign-in ended, and closes.
const { outcome, message, errorType } = document.querySelector("script[data-outcome]").dataset;

const close = () => setTimeout(() => window.close(), 200);

if (window.opener) {
  addEventListener("message", ({ source, data }) => {
    if (source === window.opener && data?.type === "nango_oauth_callback_ack") close();
  });
  // Nothing secret is in it, and the opener checks that it comes from here.
  const payload = outcome === "success" ? {} : { payload: { message, errorType } };
  window.opener.postMessage({ type: `nango_oauth_callback_${outcome}`, ...payload }, "*");
}
// An opener that has heard of the outcome already may be gone, and acknowledge nothing.
if (outcome === "success") setTimeout(close, window.opener ? 1500 : 0);
