package dev.coxswain.apiserver.storage;

import dev.coxswain.api.meta.GroupResource;
import java.util.List;

/**
 * A resource that is kept in a store of its own.
 *
 * @param resource the resource, as it is stored: events of both groups are the core group's
 * @param servers URLs of that store's endpoints
 */
public record StoreOverride(GroupResource resource, List<String> servers) {
  public StoreOverride {
    servers = List.copyOf(servers);
  }

  /**
   * Reads {@code group/resource#servers}, the servers separated by semicolons; the core group is
   * spelled as nothing.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static StoreOverride parse(String text) {
    String[] halves = text.split("#", -1);
    String[] names = halves[0].split("/", -1);
    if (halves.length != 2 || names.length != 2 || names[1].isEmpty()) {
      throw malformed(text);
    }
    List<String> servers = List.of(halves[1].split(";", -1));
    if (servers.stream().anyMatch(String::isEmpty)) {
      throw malformed(text);
    }
    return new StoreOverride(new GroupResource(names[0], names[1]), servers);
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "--etcd-servers-overrides: "
            + text
            + " must be of the form group/resource#servers, where servers are URLs separated by"
            + " semicolons");
  }
}
