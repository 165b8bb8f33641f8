// Checks the language rules that a program can check: `node .ci/prose.mjs [FOLDER|FILE...]`.
// Without arguments it checks everything.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { EXCEPTIONS, RETIRED } from './retired-words.mjs';

const ROOT = process.cwd();
const MAX_COMMENT_COLUMNS = 100;
const MAX_TITLE_LENGTH = 72;
const SKIPPED = new Set(['node_modules', 'dist', 'dist-server', 'data', '.git', 'results']);
const CODE = /\.(ts|mjs|js|css|html|py)$/;
const BRACKETS = { '(': ')', '[': ']', '{': '}', '<': '>' };

const wanted = process.argv.slice(2);
const files = (wanted.length > 0 ? wanted.map((path) => relative(ROOT, resolve(path))) : ['']).flatMap(listFiles);
const used = new Set();
const findings = files.flatMap((file) => checkFile(file, readFileSync(join(ROOT, file), 'utf8')));
if (wanted.length === 0) findings.push(...findUnusedExceptions());
for (const finding of findings) console.error(finding);
if (findings.length > 0) console.error(`\n${findings.length} findings. The rules: test/README.md, "Language".`);
process.exitCode = findings.length > 0 ? 1 : 0;

function listFiles(path) {
  const full = join(ROOT, path);
  if (!existsSync(full)) throw new Error(`No such file or folder: ${path}`);
  if (!statSync(full).isDirectory()) return isChecked(path) ? [path] : [];
  return readdirSync(full)
    .filter((name) => !SKIPPED.has(name))
    .flatMap((name) => listFiles(join(path, name)));
}

function isChecked(path) {
  // This file lists the retired words.
  return (CODE.test(path) || path.endsWith('.md')) && path !== '.ci/retired-words.mjs';
}

function checkFile(file, text) {
  const lines = text.split('\n');
  return [
    ...(CODE.test(file) && !file.endsWith('.py') ? findWideComments(file, lines) : []),
    ...(file.endsWith('.test.ts') || file === 'test/engines/engine-tests.ts' ? findLongTitles(file, text) : []),
    ...findRetiredWords(file, lines),
  ];
}

function findWideComments(file, lines) {
  let isInBlock = false;
  return lines.flatMap((line, i) => {
    const trimmed = line.trim();
    const isComment = isInBlock || /^(\/\/|\/\*|<!--)/.test(trimmed) || hasTrailingComment(line);
    if (/^\/\*/.test(trimmed)) isInBlock = true;
    if (trimmed.includes('*/')) isInBlock = false;
    // A long URL cannot be broken.
    if (!isComment || line.length <= MAX_COMMENT_COLUMNS || /https?:\S{60,}/.test(line)) return [];
    return [`${file}:${i + 1}: The comment has ${line.length} columns. Wrap it at ${MAX_COMMENT_COLUMNS}.`];
  });
}

/**
 * Whether a comment follows code. An odd number of quotes before it means that it is in a string.
 */
function hasTrailingComment(line) {
  const at = line.indexOf(' // ');
  return at > 0 && (line.slice(0, at).match(/['"`]/g) ?? []).length % 2 === 0;
}

function findLongTitles(file, text) {
  const findings = [];
  for (const { 0: call, index } of text.matchAll(/\b(?:it|test|describe|describeEngine)(?:\.\w+)*(?=[(<`])/g)) {
    const title = readTitle(text, index + call.length, /\.(each|for|runIf|skipIf)$/.test(call));
    if (title === null || title.length <= MAX_TITLE_LENGTH) continue;
    const line = text.slice(0, index).split('\n').length;
    findings.push(
      `${file}:${line}: The title has ${title.length} characters, ${MAX_TITLE_LENGTH} are allowed: ${title}`,
    );
  }
  return findings;
}

/**
 * Reads the first argument of a call if it is a string. `isCurried` skips a first pair of brackets.
 */
function readTitle(text, start, isCurried) {
  let at = text[start] === '<' ? skipBrackets(text, start) : start;
  if (isCurried) at = skipBrackets(text, at);
  const found = /^\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/.exec(text.slice(at));
  return found ? found[2].replace(/\\(.)/g, '$1') : null;
}

/** Returns the index behind the bracket that closes the one at `start`. Skips strings. */
function skipBrackets(text, start) {
  const [open, close] = [text[start], BRACKETS[text[start]]];
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const quote = /['"`]/.test(text[at]) ? text[at] : null;
    if (quote) at = skipString(text, at, quote);
    else if (text[at] === open) depth++;
    else if (text[at] === close && text[at - 1] !== '=' && --depth === 0) return at + 1;
  }
  return text.length;
}

function skipString(text, start, quote) {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}

function findRetiredWords(file, lines) {
  const words = lines.flatMap((line, i) => splitWords(line).map((word) => ({ word, line: i + 1 })));
  const findings = [];
  for (let n = 0; n < words.length; n++) {
    const retired = RETIRED.find(({ terms }) => terms.some((term) => startsWith(words, n, term.split(' '))));
    if (!retired) continue;
    const exception = EXCEPTIONS.find(({ path, terms }) => path.test(file) && terms.includes(retired.terms[0]));
    if (exception) used.add(exception);
    else findings.push(`${file}:${words[n].line}: "${retired.terms[0]}" is retired. Use ${retired.use}.`);
  }
  return findings;
}

function startsWith(words, at, term) {
  return term.every((word, i) => words[at + i]?.word === word);
}

/**
 * Splits a line into lower-case words: `camelCase`, `kebab-case` and plain text give the same
 * words. Punctuation ends a phrase.
 */
function splitWords(line) {
  return (
    line
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\d]+|[.,;:!?(){}[\]=]/gu) ?? []
  );
}

function findUnusedExceptions() {
  return EXCEPTIONS.filter((exception) => !used.has(exception)).map(
    ({ terms, path }) => `.ci/retired-words.mjs: The exception of "${terms}" for ${path} is not needed. Remove it.`,
  );
}
