package dev.coxswain.apiserver.registry;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Every resource that is served now. Readers see one consistent state without locking; changes
 * (custom resources come and go) replace it as a whole and raise {@link #generation}.
 */
public final class ResourceRegistry {
  private volatile State state;

  private record Key(String group, String version, String plural) {}

  private record State(
      long generation,
      Map<Key, ResourceType> byPath,
      Map<GroupVersionKind, ResourceType> byKind,
      List<ResourceType> all) {

    static State of(long generation, Collection<ResourceType> types) {
      Map<Key, ResourceType> byPath = new LinkedHashMap<>();
      Map<GroupVersionKind, ResourceType> byKind = new LinkedHashMap<>();
      for (ResourceType type : types) {
        byPath.put(new Key(type.kind().group(), type.kind().version(), type.plural()), type);
        byKind.put(type.kind(), type);
      }
      return new State(generation, byPath, byKind, List.copyOf(byPath.values()));
    }
  }

  /** Serves these; a later one replaces an earlier one with the same group, version and plural. */
  public ResourceRegistry(Collection<ResourceType> types) {
    this.state = State.of(1, types);
  }

  /** The resource that a path names. */
  public Optional<ResourceType> find(String group, String version, String plural) {
    return Optional.ofNullable(state.byPath.get(new Key(group, version, plural)));
  }

  /** The resource that holds objects of this kind. */
  public Optional<ResourceType> find(GroupVersionKind kind) {
    return Optional.ofNullable(state.byKind.get(kind));
  }

  /** Every resource, in the order of declaration: preferred versions stand first. */
  public List<ResourceType> all() {
    return state.all;
  }

  /** Every version of one resource. */
  public List<ResourceType> versions(GroupResource resource) {
    return state.all.stream().filter(type -> type.resource().equals(resource)).toList();
  }

  /** Changes whenever what is served changes; what was derived from it is then out of date. */
  public long generation() {
    return state.generation;
  }

  /** Replaces every version of a resource by these, in one step; none removes it. */
  public synchronized void replace(GroupResource resource, Collection<ResourceType> versions) {
    List<ResourceType> types = new ArrayList<>();
    for (ResourceType type : state.all) {
      if (!type.resource().equals(resource)) {
        types.add(type);
      }
    }
    types.addAll(versions);
    state = State.of(state.generation + 1, types);
  }

  /** The resources that are stored, each once however many versions are served. */
  public Set<GroupResource> storedResources() {
    return state.all.stream()
        .filter(ResourceType::stored)
        .map(ResourceType::storedResource)
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }
}
