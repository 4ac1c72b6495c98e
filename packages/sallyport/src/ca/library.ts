let loading: Promise<typeof import('@peculiar/x509')> | undefined;

/** The X.509 library, which takes 0.1 s to load: only who signs or asks for a signature pays for it. */
export function library(): Promise<typeof import('@peculiar/x509')> {
  loading ??= import('@peculiar/x509');
  return loading;
}
