// Prints what h3-js says, line by line, for the tests of src/Hotspots: points (p), disks (d), outlines (b), distances (g), children (c).
const h3 = require("h3-js");

const points = Number(process.argv[2]);
let state = BigInt(process.argv[3]) | 1n;
const lines = [];

function random() {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number(state >> 11n) / 2 ** 53;
}

function say(line) {
  lines.push(line);
  if (lines.length >= 10000) process.stdout.write(lines.splice(0).join("\n") + "\n");
}

function outline(cell) {
  say(`b ${cell} ${h3.cellToBoundary(cell).map(p => p.join(",")).join(";")}`);
}

function disk(cell, k) {
  say(`d ${cell} ${k} ${h3.gridDisk(cell, k).sort().join(",")}`);
}

function distance(a, b) {
  try {
    say(`g ${a} ${b} ${h3.gridDistance(a, b)}`);
  } catch {
    // h3 does not count between these
  }
}

for (let i = 0; i < points; i++) {
  const lat = Math.asin(2 * random() - 1) * 180 / Math.PI;
  const lng = random() * 360 - 180;
  const resolution = i % 16;
  const cell = h3.latLngToCell(lat, lng, resolution);
  say(`p ${lat} ${lng} ${resolution} ${cell} ${h3.cellToLatLng(cell).join(" ")}`);
  if (i % 50 === 0) {
    disk(cell, 1);
    outline(cell);
    const near = h3.gridDisk(cell, 3);
    distance(cell, near[Math.floor(random() * near.length)]);
    if (resolution < 4) distance(cell, h3.latLngToCell(Math.asin(2 * random() - 1) * 180 / Math.PI, random() * 360 - 180, resolution));
  }
}
for (let resolution = 0; resolution <= 15; resolution++) {
  for (const pentagon of h3.getPentagons(resolution)) {
    disk(pentagon, 5);
    for (const cell of h3.gridDisk(pentagon, 2)) {
      disk(cell, 1);
      outline(cell);
    }
    if (resolution < 14) say(`c ${pentagon} ${resolution + 2} ${h3.cellToChildren(pentagon, resolution + 2).sort().join(",")}`);
  }
}
for (const cell of h3.getRes0Cells()) {
  disk(cell, 1);
  outline(cell);
  say(`c ${cell} 2 ${h3.cellToChildren(cell, 2).sort().join(",")}`);
}
process.stdout.write(lines.join("\n") + "\n");
