// Opens a page in Chromium, lets it work and prints what came of it, with what the console says. What to do
// comes as JSON on standard input.
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const { executablePath, page: address, work } = JSON.parse(await text(process.stdin));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(address);
  await page.waitForFunction("window.work");
  const done = await page.evaluate((what) => window.work(what), work);
  process.stdout.write(JSON.stringify({ done, said }));
} finally {
  await browser.close();
}
