// Checks that the subjects of commits have at most 72 characters, from the first commit under this
// rule on.
import { execFileSync } from 'node:child_process';

/** The last commit before the rule. */
const BASE = 'c24cc25';
const MAX_SUBJECT_LENGTH = 72;

const commits = readCommits();
if (commits) report(commits.filter(({ subject }) => subject.length > MAX_SUBJECT_LENGTH));

/** Null when the history lacks the base, as in a shallow clone. */
function readCommits() {
  try {
    const log = git('log', '--no-merges', '--format=%h %s', `${BASE}..HEAD`);
    return log.split('\n').filter(Boolean).map(parseCommit);
  } catch (error) {
    console.log(`Commit subjects are not checked: ${BASE} cannot be read (${firstLine(error)}).`);
    return null;
  }
}

function parseCommit(line) {
  const at = line.indexOf(' ');
  return { hash: line.slice(0, at), subject: line.slice(at + 1) };
}

function report(tooLong) {
  for (const { hash, subject } of tooLong) {
    console.error(
      `${hash}: The subject has ${subject.length} characters, ${MAX_SUBJECT_LENGTH} are allowed: ${subject}`,
    );
  }
  if (tooLong.length > 0) process.exitCode = 1;
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function firstLine(error) {
  return String(error.stderr || error.message)
    .trim()
    .split('\n')[0];
}
