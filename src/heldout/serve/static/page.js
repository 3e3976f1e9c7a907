"use strict";
// Answers without reloading the page. Without this script the form is sent as a form.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const form = document.getElementById("form");
  const panel = document.getElementById("answer");
  const words = document.getElementById("words");
  const share = document.getElementById("share");
  const bars = document.getElementById("bars");
  const number = document.getElementById("number");
  const button = form.querySelector("button");
  const controls = [...form.querySelectorAll("[data-name]")];

  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  }

  function say(text) {
    words.replaceChildren(text);
    share.textContent = "";
    bars.replaceChildren();
    number.textContent = "";
  }

  function mark(control, text) {
    const field = control.closest(".field");
    field.classList.toggle("wrong", text !== "");
    field.querySelector(".error").textContent = text;
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }

  function valueOf(control) {
    if (control.value === "") return null;
    if (control.type !== "file") return control.value;
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(control.files[0]);
    });
  }

  function plain(value) {
    if (value !== null && typeof value === "object") return Object.entries(value).map(([target, one]) => target + " " + plain(one)).join(", ");
    return typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 6 }) : value;
  }

  function bar(label, share, chosen) {
    const row = element("div", "bar", "");
    const track = document.createElementNS(SVG, "svg");
    const filled = document.createElementNS(SVG, "rect");
    const percent = (100 * share).toFixed(1) + " %";
    track.setAttribute("class", "track");
    track.setAttribute("aria-hidden", "true");
    filled.setAttribute("width", 100 * share + "%");
    filled.setAttribute("height", "100%");
    track.append(filled);
    row.append(element("span", "label", label + (chosen ? " (the answer)" : "")), track, element("span", "percent", percent));
    return row;
  }

  function inWords(answer) {
    if (typeof answer.prediction === "object") return "";
    const label = panel.dataset.positive || answer.prediction;
    const p = (answer.probability || {})[label];
    return p === undefined ? "" : "Of 100 cases like this one, about " + Math.round(100 * p) + " are " + label + ".";
  }

  function show(answer) {
    const strong = element("strong", "", plain(answer.prediction));
    words.replaceChildren(panel.dataset.target + ": ", strong);
    share.textContent = inWords(answer);
    const several = panel.dataset.positives ? JSON.parse(panel.dataset.positives) : null;
    const shares = Object.entries(answer.probability || {});
    const order = (several ? shares : shares.sort((a, b) => b[1] - a[1])).slice(0, 10);
    bars.replaceChildren(...order.map(([label, p]) => several ? bar(label + ": " + several[label], p, several[label] === answer.prediction[label]) : bar(label, p, label === answer.prediction)));
    number.textContent = "Number of this answer: " + answer.id;
  }

  function refuse(reply) {
    const errors = reply.errors || [];
    for (const error of errors) {
      const control = controls.find((c) => c.dataset.name === error.field);
      if (control) mark(control, "not " + error.expected);
    }
    say(errors.length ? "No answer: " + errors.length + (errors.length > 1 ? " fields" : " field") + " cannot be read; see what is marked." : "No answer: " + reply.error);
    const first = form.querySelector("[aria-invalid]");
    if (first) first.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    controls.forEach((control) => mark(control, ""));
    const row = Object.create(null);
    try {
      for (const control of controls) row[control.dataset.name] = await valueOf(control);
      const reply = await fetch("/predict", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ row }),
      });
      const body = await reply.json();
      if (reply.ok) {
        show(body);
        panel.focus({ preventScroll: true });
        panel.scrollIntoView({ block: "nearest" });
      } else refuse(body);
    } catch (error) {
      say("No answer: the service cannot be reached.");
    } finally {
      button.disabled = false;
    }
  });
})();
