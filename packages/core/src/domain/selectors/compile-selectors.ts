import type { RecordFacts } from '../events/record.ts';
import { advancedClause, basicClauses, type Clause, type RecordMatcher } from './clauses.ts';
import type { TrailSelectors } from './selectors.ts';

/**
 * Turns selectors into a function that says whether they log a record, for the hot path: each
 * record passes the selectors of every trail and store. Deterministic; the function keeps a bounded
 * memo (see `memoEntriesMax`). Insights events are governed by Insights selectors: false for them.
 * `match-selectors.reference.ts` states the meaning; the tests hold the two together.
 */
export function compileSelectors(trailSelectors: TrailSelectors): RecordMatcher {
  const clauses =
    trailSelectors.kind === 'basic'
      ? trailSelectors.selectors.flatMap(basicClauses)
      : trailSelectors.selectors.map(advancedClause);
  const management = compileCategory(clauses, 'Management');
  const data = compileCategory(clauses, 'Data');
  const networkActivity = compileCategory(clauses, 'NetworkActivity');
  return (facts) => {
    switch (facts.eventCategory) {
      case 'Management':
        return matchByReadOnly(management, facts);
      case 'Data':
        return matchByReadOnly(data, facts);
      case 'NetworkActivity':
        return matchByReadOnly(networkActivity, facts);
      case 'Insight':
        return false;
    }
  };
}

/** (eventSource, eventName) pairs that one compiled list remembers for a category and readOnly. */
export const memoEntriesMax = 4096;

/** What is left to ask once a record's category is known, by its readOnly. */
interface ByReadOnly {
  readonly reads: RecordMatcher;
  readonly writes: RecordMatcher;
  /** Records without readOnly are neither reads nor writes. */
  readonly unmarked: RecordMatcher;
}

function matchByReadOnly(matchers: ByReadOnly, facts: RecordFacts): boolean {
  if (facts.readOnly === undefined) {
    return matchers.unmarked(facts);
  }
  return facts.readOnly ? matchers.reads(facts) : matchers.writes(facts);
}

function compileCategory(
  clauses: readonly Clause[],
  category: RecordFacts['eventCategory'],
): ByReadOnly {
  const inCategory = clauses.filter((clause) => clause.category(category));
  return {
    reads: compileClauses(inCategory.filter((clause) => clause.readOnly(true))),
    writes: compileClauses(inCategory.filter((clause) => clause.readOnly(false))),
    unmarked: compileClauses(inCategory.filter((clause) => clause.readOnly(undefined))),
  };
}

function compileClauses(clauses: readonly Clause[]): RecordMatcher {
  if (clauses.some((clause) => !clause.source && !clause.name && !clause.rest)) {
    return always;
  }
  const namedClauses = clauses.filter((clause) => clause.source || clause.name).length;
  return namedClauses >= memoClausesMin ? memoised(clauses) : anyRecord(clauses.map(compileClause));
}

/** A memo costs two map reads, about what this many clauses cost that look at source or name. */
const memoClausesMin = 4;

function compileClause({ source, name, rest }: Clause): RecordMatcher {
  if (source === undefined && name === undefined) {
    return rest ?? always;
  }
  if (name === undefined) {
    const sourceOnly = source!;
    return rest === undefined
      ? (facts) => sourceOnly(facts.eventSource)
      : (facts) => sourceOnly(facts.eventSource) && rest(facts);
  }
  if (source === undefined) {
    return rest === undefined
      ? (facts) => name(facts.eventName)
      : (facts) => name(facts.eventName) && rest(facts);
  }
  return (facts) =>
    source(facts.eventSource) && name(facts.eventName) && (rest === undefined || rest(facts));
}

function memoised(clauses: readonly Clause[]): RecordMatcher {
  const bySource = new Map<string, Map<string, RecordMatcher>>();
  let entries = 0;
  return (facts) => {
    let byName = bySource.get(facts.eventSource);
    const known = byName?.get(facts.eventName);
    if (known !== undefined) {
      return known(facts);
    }
    if (entries >= memoEntriesMax) {
      bySource.clear();
      byName = undefined;
      entries = 0;
    }
    if (byName === undefined) {
      byName = new Map();
      bySource.set(facts.eventSource, byName);
    }
    const matcher = remaining(clauses, facts.eventSource, facts.eventName);
    byName.set(facts.eventName, matcher);
    entries += 1;
    return matcher(facts);
  };
}

/** What is left of the clauses to ask about records with this source and name. */
function remaining(clauses: readonly Clause[], source: string, name: string): RecordMatcher {
  const open = clauses.filter(
    (clause) => (clause.source?.(source) ?? true) && (clause.name?.(name) ?? true),
  );
  return open.some((clause) => clause.rest === undefined)
    ? always
    : anyRecord(open.map((clause) => clause.rest ?? always));
}

function anyRecord(matchers: readonly RecordMatcher[]): RecordMatcher {
  const [first, second, third] = matchers;
  if (first === undefined) {
    return never;
  }
  if (second === undefined) {
    return first;
  }
  return third === undefined
    ? (facts) => first(facts) || second(facts)
    : (facts) => {
        for (const matcher of matchers) {
          if (matcher(facts)) {
            return true;
          }
        }
        return false;
      };
}

function always(): boolean {
  return true;
}

function never(): boolean {
  return false;
}
