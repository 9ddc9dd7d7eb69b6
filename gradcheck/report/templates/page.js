(function () {
  "use strict";
  document.querySelectorAll("svg[data-map]").forEach(function (svg) {
    var map = JSON.parse(document.getElementById(svg.dataset.map).textContent);
    var read = svg.parentNode.querySelector(".read"), box = map.box;
    svg.addEventListener("pointermove", function (event) {
      var at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      var i = Math.floor((at.x - box[0]) / (box[2] - box[0]) * map.xs.length);
      var j = Math.floor((box[3] - at.y) / (box[3] - box[1]) * map.ys.length);
      var row = map.errors[j], error = row && row[i];
      if (error === undefined) { return; }
      read.textContent = (map.x + " = " + map.xs[i] + ", " + map.y + " = " + map.ys[j] + ": " +
        (error === null ? "no number here" : "relative error " + Number((100 * error).toPrecision(2)) + " %")).replace(/-/g, "−");
    });
  });
  document.querySelectorAll("button[data-save]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var link = document.createElement("a");
      link.href = "data:application/json;charset=utf-8," + encodeURIComponent(document.getElementById(button.dataset.save).textContent);
      link.download = "gradcheck.json";
      link.click();
    });
  });
  var tools = document.querySelector(".tools");
  if (tools) {
    tools.hidden = false;
    var filter = function () {
      var words = tools.querySelector("input").value.toLowerCase(), kind = tools.querySelector("select").value, shown = 0;
      document.querySelectorAll("tr[data-verdict]").forEach(function (row) {
        row.hidden = (kind && row.dataset.verdict !== kind) || row.textContent.toLowerCase().indexOf(words) < 0;
        shown += row.hidden ? 0 : 1;
      });
      tools.querySelector("output").textContent = shown + " shown";
    };
    tools.addEventListener("input", filter);
    filter();
  }
})();
