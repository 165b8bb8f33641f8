/** An object that behaves like `target` except for some methods. */
export function overrideMethods<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(original, name) {
      const value: unknown = Reflect.get(name in methods ? methods : original, name);
      // Private fields are not reachable through a proxy.
      return typeof value === 'function' ? value.bind(original) : value;
    },
  });
}
