// Clicks through a page of mqspec in a browser, as a person with a mouse, one with a keyboard, one with a phone and one with a
// screen reader do.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');

const { page: file, report, browser: executablePath, screenshots } = JSON.parse(process.argv[2]);
const ADDRESS = pathToFileURL(file).href;
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
// The browser is started for this page and asks nobody anything.
const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const step = (name) => console.log(`  step ${name}`);
const rows = (page) => page.locator('#list a.row');
const hash = (page) => decodeURIComponent(new URL(page.url()).hash);
const caseId = (page) => page.locator('#case-title').textContent();

/** Picks a row or a button and waits for what the page does next. */
async function until(page, what, condition, argument) {
  await page.waitForFunction(condition, argument, { timeout: 15000 }).catch(() => assert.fail(`${what} at ${page.url()}`));
}

async function opened(context, problems, where = '') {
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!/^(file|data|blob):/.test(request.url())) problems.push(`it asked for ${request.url()}`);
  });
  page.on('dialog', async (dialog) => {
    problems.push(`it ran what a broker said: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('pageerror', (error) => problems.push(`${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  await page.goto(ADDRESS + where);
  await page.locator(where.includes('case=') ? '#case-title' : '#list li').first().waitFor({ state: 'visible' });
  return page;
}

async function shot(page, name, fullPage = false) {
  if (screenshots) await page.screenshot({ path: path.join(screenshots, `${name}.png`), fullPage });
}

/** Everybody can use what is shown now. */
async function accessible(page, where) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const told = violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map((node) => `${id}: ${help}: ${node.html.slice(0, 160)} ${node.any?.[0]?.message ?? ''}`));
  assert.deepEqual(told, [], where);
}

const overflow = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth);

async function theTableOfCommands(page) {
  assert.notEqual((await page.locator('h1').textContent()).trim(), '');
  assert.ok(await page.locator('#heat .cell').count() >= 60, 'a cell for every command');
  const bare = await page.locator('.cell .mark, #list .sign .mark').evaluateAll((marks) => marks.filter((mark) => mark.textContent.trim() === '').length);
  assert.equal(bare, 0, 'each verdict has a sign beside its colour');
  const named = await page.locator('.cell').evaluateAll((cells) => cells.every((cell) => cell.querySelector('.spoken').textContent.includes(': ')));
  assert.ok(named, 'and a name');
  await page.locator('#theme').focus();
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.matches('#heat .cell')), 'Tab reaches the table');
  const first = await page.evaluate(() => document.activeElement.dataset.row);
  await page.keyboard.press('ArrowDown');
  const second = await page.evaluate(() => document.activeElement.dataset.row);
  assert.notEqual(second, first, 'the arrow keys go on');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.row), first);
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.row), first);
  const all = await page.locator('#found').textContent();
  await page.keyboard.press('Enter');
  await until(page, 'a cell leads to its cases', (name) => location.hash.includes(`command=${name}`), first);
  assert.match(await page.locator('#command').textContent(), new RegExp(first));
  await page.goBack();
  await until(page, 'back leads to all', (text) => document.querySelector('#found').textContent === text, all);
  step('commands');
}

/** Takes every filter away, and waits until the list shows all again: what is read before that is of the filtered one. */
async function clear(page, count) {
  await page.locator('#clear').click();
  await until(page, 'filters can be cleared', (count) => document.querySelector('#found').textContent.startsWith(count.toLocaleString('en')), count);
}

async function theList(page, index) {
  const count = index.cases.length;
  if (count > 200) assert.ok(await rows(page).count() < count, 'rows are made when one comes near them');
  await page.evaluate(async () => {
    while (document.querySelector('#list .end')) {
      document.querySelector('#list .end').scrollIntoView();
      await new Promise((done) => setTimeout(done, 20));
    }
  });
  assert.equal(await rows(page).count(), count, 'and all of them are there in the end');
  const wanted = index.cases[Math.floor(count / 2)].id;
  await page.locator('[name=q]').fill(wanted);
  await until(page, 'a search finds its case', (id) => [...document.querySelectorAll('#list a.row')].some((row) => row.hash.includes(id)), wanted);
  assert.ok(await rows(page).count() < Math.max(count, 2));
  await clear(page, count);
  const chip = page.locator('.chip').first();
  const chosen = Number((await chip.locator('b').textContent()).replaceAll(',', ''));
  await chip.click();
  await until(page, 'a chip filters', (some) => document.querySelector('#found').textContent.startsWith(some.toLocaleString('en')), chosen);
  assert.equal(await page.locator('.chip[aria-pressed=true]').count(), 1);
  await clear(page, count);
  for (const name of ['class', 'level']) {
    const select = page.locator(`[name=${name}]`);
    const options = await select.locator('option').evaluateAll((options) => options.map((option) => option.value));
    await select.selectOption(options.at(-1));
    await until(page, `${name} filters`, ([name, value]) => location.hash.includes(`${name}=${value}`), [name, options.at(-1)]);
    assert.ok(await rows(page).count() > 0, `${name}=${options.at(-1)}`);
    await page.goBack();
    await until(page, `back is without the ${name}`, (name) => !location.hash.includes(`${name}=`), name);
  }
  await page.locator('[name=q]').fill('there is no such case');
  await page.locator('#list .nothing').waitFor();
  await clear(page, count);
  step('list');
}

async function aCase(page, index) {
  const before = await page.locator('#found').textContent();
  await rows(page).nth(1).click();
  await page.locator('#case-title').waitFor();
  const id = await caseId(page);
  assert.ok(hash(page).includes(`case=${id}`), 'the address names the case');
  for (const title of ['Exchange', 'Script', 'Run it again']) assert.equal(await page.locator('#case h3', { hasText: title }).count(), 1, title);
  assert.ok(await page.locator('.clauses .wording').count() > 0, 'the clause in our wording');
  assert.match(await page.locator('pre.script').first().textContent(), new RegExp(`^case ${id}`));
  await page.reload();
  await page.locator('#case-title').waitFor();
  assert.equal(await caseId(page), id, 'a deep link survives being loaded again');
  await page.keyboard.press('j');
  await until(page, 'j leads on', (id) => document.querySelector('#case-title')?.textContent !== id, id);
  await page.keyboard.press('k');
  await until(page, 'k leads back', (id) => document.querySelector('#case-title')?.textContent === id, id);
  await page.keyboard.press('Escape');
  await page.locator('#case').waitFor({ state: 'hidden' });
  assert.equal(await page.locator('#found').textContent(), before);
  await page.goBack();
  await until(page, 'back leads to the case again', (id) => document.querySelector('#case-title')?.textContent === id, id);
  await page.goto(`${ADDRESS}#case=no/such-case`);
  await until(page, 'a case that is not there is told', () => document.querySelector('#case').textContent.includes('no/such-case'));
  await page.goto(`${ADDRESS}#`);
  step('case');
  return index.cases.length;
}

/** A case of that standing, if the page has one with an exchange. */
function find(index, key, wanted = () => true) {
  for (const run of index.runs) {
    const place = run.cases.findIndex((result) => result && index.standings[result.standing].key === key && wanted(result));
    if (place >= 0) return `#case=${index.cases[place].id}&run=${encodeURIComponent(run.name)}`;
  }
  return null;
}

async function theExchange(page, index) {
  const there = find(index, 'passed') ?? find(index, 'failed');
  await page.goto(`${ADDRESS}${there}`);
  const arrow = page.locator('.sequence .sent > details > summary').first();
  await arrow.waitFor();
  const opening = page.locator('.sequence .open summary').first();
  if (await opening.count() > 0) {
    const drawn = await page.locator('.sequence .sent').count();
    await opening.press('Enter');
    await until(page, 'the usual dialogue unfolds', (drawn) => document.querySelectorAll('.sequence .sent').length > drawn, drawn);
  }
  await arrow.focus();
  await page.keyboard.press('Enter');
  await until(page, 'an arrow shows its octets, or that there are none', () => /octet/.test(document.querySelector('.sequence details[open] > .inside')?.textContent));
  step('exchange');
  const wrong = find(index, 'failed', (result) => result.finding) ?? find(index, 'known', (result) => result.finding);
  if (!wrong) return;
  await page.goto(`${ADDRESS}${wrong}`);
  await page.locator('.sequence .here').first().waitFor();
  assert.match(await page.locator('.sequence .here').first().textContent(), /here/, 'the arrow that deviates is marked, not by colour alone');
  assert.match(await page.locator('.sequence .because').first().textContent(), /expected[\s\S]*because/);
  // Scripts that the page was made without are not at hand.
  const scripts = await page.locator('pre.script .line').count();
  assert.equal(await page.locator('.script .line.here').count(), Math.min(scripts, 1), 'and so is the line of the script');
  assert.ok(await page.locator('.verdict').textContent().then((text) => text.includes('came')));
  step('deviation');
}

/** A copied exchange is the transcript of the report, laid out in other lines. */
async function copiedScripts(page, index) {
  if (!report) return;
  const told = JSON.parse(fs.readFileSync(report, 'utf8'));
  const flat = (text) => text.replaceAll(/ \\\n\s*/g, ' ').split('\n').map((line) => line.trim()).filter(Boolean);
  const spoken = told.cases.filter((one) => one.transcript);
  // Evenly spread, with what went wrong.
  const some = spoken.filter((one, place) => one.finding || place % Math.ceil(spoken.length / 25) === 0);
  await page.evaluate(() => {
    Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { globalThis.copied = text; } } });
  });
  for (const { id, transcript } of some) {
    await page.evaluate((where) => { location.hash = where; }, `case=${id}&run=${encodeURIComponent(index.runs[0].name)}`);
    await until(page, 'the case opens', (id) => document.querySelector('#case-title')?.textContent === id, id);
    await page.getByRole('button', { name: 'Copy as a script' }).click();
    await until(page, 'it is copied', (id) => globalThis.copied?.startsWith(`case ${id}\n`), id);
    assert.deepEqual(flat(await page.evaluate(() => globalThis.copied)), flat(transcript), id);
  }
  step('copied');
}

async function severalBrokers(page, index) {
  if (index.runs.length < 2) return;
  const place = index.cases.findIndex((_, place) => index.runs.every((run) => run.cases[place]));
  if (place >= 0) {
    await page.goto(`${ADDRESS}#case=${index.cases[place].id}`);
    await page.locator('[role=tab]').first().waitFor();
    assert.equal(await page.locator('[role=tab]').count(), index.runs.length);
    const name = await page.locator('[role=tab][aria-selected=true]').textContent();
    await page.locator('[role=tab][aria-selected=true]').focus();
    await page.keyboard.press('ArrowRight');
    await until(page, 'the arrow keys choose the broker', (name) => document.activeElement.matches('[role=tab][aria-selected=true]') && document.activeElement.textContent !== name, name);
  }
  await page.goto(`${ADDRESS}#differ=yes`);
  await page.locator('#list li').first().waitFor();
  assert.ok(await page.locator('[name=differ]').isChecked());
  step('brokers');
}

async function theLooks(page) {
  await page.goto(`${ADDRESS}#`);
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await paper();
  assert.notEqual(light, dark, 'the page follows the system');
  await page.locator('#theme').click();
  assert.equal(await paper(), light, 'unless it is told otherwise');
  await page.reload();
  await page.locator('#list li').first().waitFor();
  assert.equal(await paper(), light, 'and it remembers that');
  await page.locator('#theme').click();
  await page.locator('#theme').click();
  assert.equal(await paper(), dark);
  await page.emulateMedia({ colorScheme: 'light' });
  step('looks');
}

/** Whatever takes the focus shows that it has it. */
async function focusIsVisible(page) {
  await page.keyboard.press('Tab');
  const hidden = await page.evaluate(() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex]')]
    .filter((element) => element.tabIndex >= 0 && element.checkVisibility())
    .filter((element) => {
      element.focus();
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return document.activeElement === element && (outlineStyle === 'none' || outlineWidth === '0px');
    }).map((element) => element.outerHTML.slice(0, 100)));
  assert.deepEqual(hidden, []);
}

async function forEverybody(context, index, problems) {
  const wrong = find(index, 'failed', (result) => result.finding) ?? find(index, 'passed');
  for (const [size, viewport] of [['desk', DESK], ['phone', PHONE]]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [view, where] of [['overview', ''], ['case', wrong]]) {
        const page = await opened(context, problems, where);
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        const name = `${view}, ${size}, ${colorScheme}`;
        if (view === 'case') {
          await page.locator('.sequence .sent summary').first().click();
        } else {
          for (const details of await page.locator('#themes, #lists details').all()) await details.evaluate((details) => { details.open = true; });
        }
        const alive = 'img, iframe, script[src], link, [onerror], [onclick], a[href^="javascript:"]';
        assert.equal(await page.locator(alive).count(), 0, `${name}: what a broker says is text`);
        assert.ok(await overflow(page) <= 0, `${name}: nothing is wider than the window`);
        await accessible(page, name);
        if (colorScheme === 'light') await focusIsVisible(page);
        await page.evaluate(() => scrollTo(0, 0));
        await shot(page, `${view}-${size}-${colorScheme}`, size === 'phone');
        await page.close();
      }
    }
  }
  step('accessible');
  const page = await opened(context, problems);
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await rows(page).count(), index.cases.length, 'a print has all rows');
  assert.ok(!await page.locator('#filters').isVisible());
  await shot(page, 'print');
  await page.close();
  step('print');
}

/** What the page was made of, as it unpacks it itself. */
const unpacked = (page) => page.evaluate(async () => {
  const letters = atob(document.getElementById('index').textContent);
  const octets = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  return new Response(new Blob([octets]).stream().pipeThrough(new DecompressionStream('gzip'))).json();
});

async function main() {
  const size = fs.statSync(file).size;
  const browser = await chromium.launch({ executablePath, args: QUIET });
  try {
    const context = await browser.newContext({ viewport: DESK });
    const problems = [];
    const begin = Date.now();
    const page = await opened(context, problems);
    const ready = Date.now() - begin;
    const index = await unpacked(page);
    await theTableOfCommands(page);
    await theList(page, index);
    await aCase(page, index);
    await theExchange(page, index);
    await severalBrokers(page, index);
    await copiedScripts(page, index);
    await theLooks(page);
    await page.close();
    await forEverybody(context, index, problems);
    assert.deepEqual(problems, [], 'nothing was loaded and nothing complained');
    step('quiet');
    console.log(`  ${index.runs.length} × ${index.cases.length} cases, ${(size / 1e6).toFixed(2)} MB, there after ${ready} ms`);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(`  failed: ${error.message}`);
  process.exitCode = 1;
});
