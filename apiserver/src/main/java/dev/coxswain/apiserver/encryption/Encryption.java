package dev.coxswain.apiserver.encryption;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.storage.StoreKeys;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How the values of each resource are kept: the first rule that names it decides. */
public final class Encryption {
  private static final List<Provider> PLAIN = List.of(new Provider.Identity());

  private final List<Rule> rules;
  private final Map<GroupResource, List<Provider>> known = new ConcurrentHashMap<>();
  private int users;
  private boolean retired;

  /**
   * How some resources are kept.
   *
   * @param resources {@code secrets}, {@code deployments.apps}, {@code *.} for the core group,
   *     {@code *.apps}, or {@code *.*}
   * @param providers the first one writes, any may read
   */
  record Rule(List<String> resources, List<Provider> providers) {
    boolean names(GroupResource resource) {
      return resources.stream()
          .anyMatch(pattern ->
              pattern.equals("*.*")
                  || pattern.equals("*." + resource.group())
                  || pattern.equals(resource.toString()));
    }
  }

  Encryption(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** The providers for the value under a key of the store. */
  List<Provider> providers(String path) {
    StoreKeys.Parsed name = StoreKeys.parse(path);
    return name == null ? PLAIN : known.computeIfAbsent(name.resource(), this::find);
  }

  /** The key servers that are asked for any of them, in their order. */
  List<KeyServerProvider> keyServers() {
    return rules.stream()
        .flatMap(rule -> rule.providers().stream())
        .filter(KeyServerProvider.class::isInstance)
        .map(KeyServerProvider.class::cast)
        .toList();
  }

  /** Somebody begins to use it. */
  synchronized void enter() {
    users++;
  }

  /** Whoever entered is done. */
  synchronized void leave() {
    users--;
    closeUnused();
  }

  /** Nobody begins any more. */
  synchronized void retire() {
    retired = true;
    closeUnused();
  }

  private void closeUnused() {
    if (retired && users == 0) {
      keyServers().forEach(KeyServerProvider::close);
    }
  }

  private List<Provider> find(GroupResource resource) {
    return rules.stream()
        .filter(rule -> rule.names(resource))
        .findFirst()
        .map(Rule::providers)
        .orElse(PLAIN);
  }
}
