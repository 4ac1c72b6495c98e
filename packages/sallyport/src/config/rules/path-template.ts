/** Whether a path of an AuthorizationPolicy has operators of a template: `{*}` for one segment, `{**}` for any number. */
export function isPathTemplate(path: string): boolean {
  return path.includes('{') || path.includes('}');
}

/** What is wrong with a template, as Istio's admission check sees it. */
export function pathTemplateFault(path: string): string | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  const strange = segments.find((segment) => /[{}]/.test(segment) && segment !== '{*}' && segment !== '{**}');
  if (strange !== undefined) return `"${strange}" is no operator; the operators are {*} and {**}, alone in a segment`;
  if (segments.some((segment) => segment.includes('*') && !/[{}]/.test(segment)))
    return 'a template takes its wildcards in braces only';
  if (segments.filter((segment) => segment === '{**}').length > 1) return 'only one {**} may stand in a template';
  const at = segments.indexOf('{**}');
  if (at !== -1 && segments.slice(at + 1).includes('{*}')) return '{*} may not stand behind {**}';
  return undefined;
}
