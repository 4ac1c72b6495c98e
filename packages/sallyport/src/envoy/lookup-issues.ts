import { isPublicName, specialUse } from '../lib/special-ranges.ts';
import type { Answer, Issue, Question, Service } from '../model/index.ts';
import { admitted, refusedAddresses } from './resolved-names.ts';

/** What is to be said of the names of a service as the control plane finds them. The same for every cluster of the service. */
export function lookupIssues(
  service: Service,
  questions: readonly Question[],
  answerOf: (question: Question) => Answer | undefined,
): readonly Issue[] {
  const names = [...new Set(questions.map(({ name }) => name))];
  return names.flatMap((name) => {
    const answers = questions.filter((question) => question.name === name).map(answerOf);
    const known = answers.filter((answer) => answer !== undefined);
    if (known.length < answers.length) return [];
    return [
      ...missing(service, name, known),
      ...known.flatMap((answer) => [...special(service, answer), ...zones(service, answer)]),
    ];
  });
}

const at = ({ from }: Service) => ({ object: from, field: ['spec', 'hosts'] });

function missing(service: Service, name: string, answers: readonly Answer[]): readonly Issue[] {
  if (answers.some(({ addresses, unanswered }) => addresses.length > 0 || unanswered === true)) return [];
  const types = answers.map(({ type }) => type).join(' or ');
  const message = `${name} has no ${types} record, so calls to ${service.host} have nowhere to go`;
  const hint = 'mend the name, or say under endpoints where the host is';
  return [{ code: 'NAME_NOT_FOUND', severity: 'warning', message, hint, ...at(service) }];
}

/** Rebinding and poisoned answers (spec/security.md 1.4): refused where there is a guard, else said. */
function special(service: Service, answer: Answer): readonly Issue[] {
  const { guard } = service;
  const odd =
    guard === undefined
      ? answer.addresses.filter((address) => isSurprising(answer.name, address))
      : refusedAddresses(answer, guard);
  if (odd.length === 0) return [];
  const list = odd.map((address) => `${address} (${specialUse(address)})`).join(', ');
  const hint = 'if that is meant, name the range under sallyport.dns.allowedAddresses in the mesh configuration';
  if (guard === undefined) {
    const message = `${answer.name} is ${list}, which is not of the Internet: whoever answers for the name leads calls there`;
    return [{ code: 'PRIVATE_ADDRESS', severity: 'warning', message, hint, ...at(service) }];
  }
  const used = admitted(answer, guard);
  const rest = used.length === 0 ? 'nothing is left of its answer' : `${used.join(', ')} is used`;
  const message = `${answer.name} is ${list}, which is refused; ${rest}`;
  return [{ code: 'PRIVATE_ADDRESS', severity: 'error', message, hint, ...at(service) }];
}

/** A name that only a private network knows may well lie there. */
function isSurprising(name: string, address: string): boolean {
  const use = specialUse(address);
  return use !== undefined && (isPublicName(name) || (use !== 'private' && use !== 'shared'));
}

function zones(service: Service, { name, type, addresses, elsewhere = [] }: Answer): readonly Issue[] {
  if (elsewhere.length === 0) return [];
  const others = elsewhere.map((one) => `${one.addresses.join(', ') || 'nothing'} in zone ${one.zone}`).join(', and ');
  const message = `${name} (${type}) is ${addresses.join(', ') || 'nothing'} here and ${others}: every proxy gets what it is here`;
  const hint = 'if it must be the nearest, let proxies ask: annotation sallyport.io/dns: proxy';
  return [{ code: 'ANSWERS_DIFFER', severity: 'warning', message, hint, ...at(service) }];
}
