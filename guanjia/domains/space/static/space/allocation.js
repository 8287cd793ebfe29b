/* The request shows only what its way asks for; the choice of rooms adds up. Without script all is
   shown and the server adds up. Chromium 88. */
(function () {
  "use strict";
  var ask = document.querySelector("[data-ask]");
  if (ask) {
    var parts = Array.prototype.slice.call(ask.querySelectorAll("[data-when]"));
    var follow = function () {
      var way = ask.querySelector("input[name=way]:checked");
      parts.forEach(function (part) {
        part.hidden = !!way && part.dataset.when.split(" ").indexOf(way.value) < 0;
      });
    };
    ask.addEventListener("change", follow);
    follow();
  }
  var sum = document.querySelector("[data-sum]");
  if (sum) {
    var told = sum.querySelector("[data-sum-told]");
    var wanted = Number(sum.dataset.wanted);
    var add = function () {
      var boxes = Array.prototype.slice.call(sum.querySelectorAll("input[data-m2]:checked"));
      var m2 = boxes.reduce(function (all, box) { return all + Number(box.dataset.m2); }, 0);
      var than = "申请 " + wanted.toFixed(1) + " ㎡";
      told.textContent = boxes.length ? "已选 " + boxes.length + " 间，" + m2.toFixed(1) + " ㎡；" + than : than;
    };
    sum.addEventListener("change", add);
    add();
  }
})();
