"use strict";
// Answers without reloading the page. Without this script the form is sent as a form.
(() => {
  const form = document.getElementById("form");
  const panel = document.getElementById("answer");
  const words = document.getElementById("words");
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

  function plain(value) {
    return typeof value === "number" ? value.toLocaleString("en", { maximumSignificantDigits: 6 }) : value;
  }

  function bar(label, share, chosen) {
    const row = element("div", "bar", "");
    const meter = document.createElement("meter");
    const percent = (100 * share).toFixed(1) + " %";
    meter.max = 100;
    meter.value = 100 * share;
    meter.textContent = percent;
    row.append(element("span", "label", label + (chosen ? " (the answer)" : "")), meter, element("span", "percent", percent));
    return row;
  }

  function show(answer) {
    const strong = element("strong", "", plain(answer.prediction));
    words.replaceChildren(panel.dataset.target + ": ", strong);
    const order = Object.entries(answer.probability || {}).sort((a, b) => b[1] - a[1]).slice(0, 10);
    bars.replaceChildren(...order.map(([label, p]) => bar(label, p, label === answer.prediction)));
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
    for (const control of controls) row[control.dataset.name] = control.value === "" ? null : control.value;
    try {
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
