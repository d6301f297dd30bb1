package dev.coxswain.apiserver.managedfields;

import dev.coxswain.api.fields.Comparison;
import dev.coxswain.api.fields.FieldRemoval;
import dev.coxswain.api.fields.FieldSet;
import dev.coxswain.api.fields.ObjectFields;
import dev.coxswain.api.fields.ObjectMerge;
import dev.coxswain.api.json.Json;
import dev.coxswain.api.schema.Schema;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps {@code metadata.managedFields} of one object through one write. The rules are those of
 * upstream's structured merge: an update owns what it changes and takes it from everybody else; an
 * applied configuration owns all it speaks of, conflicts where it changes what others own, and
 * removes what its applier owned before, does not speak of any more, and nobody else owns.
 */
public final class FieldManager {
  private static final String MANAGED_FIELDS = "managedFields";

  /** Who is said to own what was there before the first apply. */
  private static final String BEFORE_FIRST_APPLY = "before-first-apply";

  /** What belongs to the system, or is no content; nobody owns it. */
  private static final FieldSet SYSTEM = system();

  private final Versions versions;
  private final String apiVersion;
  private final Schema schema;
  private final FieldSet ignored;
  private final Writer writer;

  /**
   * Who writes.
   *
   * @param name the field manager
   * @param subresource the path by which it comes; empty for the object's own
   * @param now the time, as objects carry it
   */
  public record Writer(String name, String subresource, String now) {}

  /**
   * A manager for one write.
   *
   * @param versions the kind in all its versions
   * @param apiVersion the version of the objects that are given to it
   * @param schema their shape
   * @param ignored what cannot be changed by this path, and so is not owned by who tries
   */
  public FieldManager(
      Versions versions, String apiVersion, Schema schema, FieldSet ignored, Writer writer) {
    this.versions = versions;
    this.apiVersion = apiVersion;
    this.schema = schema;
    this.ignored = ignored;
    this.writer = writer;
  }

  private static FieldSet system() {
    FieldSet.Builder fields = new FieldSet.Builder();
    for (String name : new String[] {"apiVersion", "kind", "metadata"}) {
      fields.addField(name);
    }
    for (String name :
        new String[] {
          "name",
          "namespace",
          "creationTimestamp",
          "selfLink",
          "uid",
          "clusterName",
          "generation",
          MANAGED_FIELDS,
          "resourceVersion"
        }) {
      fields.addField("metadata", name);
    }
    return fields.build();
  }

  /**
   * Records an update, or a create, in the new object.
   *
   * @param live the object as it was; for a create what it starts from, and then without a uid
   * @param object the object as it is to be, which gets the managedFields
   */
  public void update(ObjectNode live, ObjectNode object) {
    boolean create = Json.text(live, "metadata", "uid").isEmpty();
    JsonNode before = Json.at(live, "metadata", MANAGED_FIELDS);
    JsonNode wanted = Json.at(object, "metadata", MANAGED_FIELDS);
    Managers managers = writer.subresource().isEmpty() ? given(before, wanted) : stored(before);
    // An object that has none, perhaps because somebody reset them, is not tracked until an apply.
    if (create || !managers.isEmpty()) {
      track(live, object, managers);
    }
    write(object, managers);
  }

  /**
   * The managers as the request gives them; as they are stored where it gives none, or nonsense.
   */
  private static Managers given(JsonNode stored, JsonNode wanted) {
    if (wanted.isArray() && (wanted.isEmpty() || (wanted.size() == 1 && wanted.get(0).isEmpty()))) {
      return new Managers();
    }
    return Managers.read(wanted).filter(read -> !read.isEmpty()).orElseGet(() -> stored(stored));
  }

  private static Managers stored(JsonNode stored) {
    return Managers.read(stored).orElseGet(Managers::new);
  }

  private void track(ObjectNode live, ObjectNode object, Managers managers) {
    ObjectNode before = bare(live);
    ObjectNode after = bare(object);
    Comparison comparison = Comparison.of(schema, before, after).without(ignored);
    if (comparison.isEmpty()) {
      return;
    }
    takeAway(managers, changes(managers, before, after, comparison, null));
    FieldSet taken = comparison.changed().difference(SYSTEM);
    if (!taken.isEmpty()) {
      Manager.Identity self =
          Manager.Identity.of(writer.name(), Manager.UPDATE, apiVersion, writer.subresource());
      FieldSet owned = managers.find(self).map(Manager::fields).orElse(FieldSet.EMPTY);
      managers.put(new Manager(self, apiVersion, writer.now(), owned.union(taken)));
      managers.limit();
    }
  }

  /**
   * The object with a configuration applied.
   *
   * @param live the object as it is; for a create what it starts from, and then without a uid
   * @param configuration what is applied, without managedFields
   * @param force whether fields are taken from others
   * @return a new object, with its managedFields
   * @throws dev.coxswain.api.status.ApiException with reason {@code Conflict} where others own what
   *     the configuration changes
   */
  public ObjectNode apply(ObjectNode live, ObjectNode configuration, boolean force) {
    Managers managers = stored(Json.at(live, "metadata", MANAGED_FIELDS));
    ObjectNode before = bare(live);
    boolean create = Json.text(live, "metadata", "uid").isEmpty();
    if (managers.isEmpty() && !create) {
      FieldSet everything = Comparison.of(schema, Json.object(), before).added().difference(SYSTEM);
      managers.put(
          new Manager(
              Manager.Identity.of(BEFORE_FIRST_APPLY, Manager.UPDATE, apiVersion, ""),
              apiVersion,
              writer.now(),
              everything));
    }
    Manager.Identity self =
        Manager.Identity.of(writer.name(), Manager.APPLY, apiVersion, writer.subresource());
    Optional<Manager> last = managers.find(self);
    FieldSet owned = ObjectFields.of(schema, configuration).without(ignored).difference(SYSTEM);
    managers.put(new Manager(self, apiVersion, last.map(Manager::time).orElse(""), owned));
    ObjectNode merged = ObjectMerge.merge(schema, before, configuration);
    ObjectNode object = last.map(former -> prune(merged, former, managers)).orElse(merged);
    Comparison comparison = Comparison.of(schema, before, object);
    Map<Manager, Changes> changes = changes(managers, before, object, comparison, self);
    if (!force) {
      Conflicts conflicts = conflicts(changes, live);
      if (!conflicts.isEmpty()) {
        throw conflicts.failure();
      }
    }
    takeAway(managers, changes);
    boolean same = last.isPresent() && last.get().fields().equals(owned) && comparison.isEmpty();
    if (!same) {
      managers.find(self).ifPresent(manager -> managers.put(manager.at(writer.now())));
    }
    ObjectNode result = object.deepCopy();
    if (byKubectl()) {
      LastApplied.follow(live, configuration, result);
    }
    write(result, managers);
    return result;
  }

  private ObjectNode prune(ObjectNode merged, Manager former, Managers managers) {
    Versions.Version version = version(former.apiVersion()).orElse(null);
    if (version == null) {
      return merged;
    }
    FieldSet owned = FieldSet.EMPTY;
    for (Manager manager : managers.all()) {
      if (manager.apiVersion().equals(former.apiVersion())) {
        owned = owned.union(manager.fields());
      } else {
        Versions.Version other = version(manager.apiVersion()).orElse(null);
        if (other != null) {
          owned = owned.union(translated(manager.fields(), merged, other, version));
        }
      }
    }
    return version.back(
        FieldRemoval.prune(version.schema(), version.from(merged), former.fields(), owned));
  }

  /** What a set of one version is in another: what goes there when the fields go here. */
  private static FieldSet translated(
      FieldSet fields, ObjectNode object, Versions.Version from, Versions.Version to) {
    ObjectNode without = FieldRemoval.remove(from.schema(), from.from(object), fields);
    return Comparison.of(to.schema(), to.from(from.back(without)), to.from(object)).added();
  }

  /** The request's own version costs no conversion. */
  private Optional<Versions.Version> version(String wanted) {
    return wanted.equals(apiVersion) ? Optional.of(new Own(schema)) : versions.at(wanted);
  }

  private record Own(Schema schema) implements Versions.Version {
    @Override
    public ObjectNode from(ObjectNode object) {
      return object;
    }

    @Override
    public ObjectNode back(ObjectNode object) {
      return object;
    }
  }

  /** What a write does to the fields of one manager. */
  private record Changes(FieldSet changed, FieldSet removed) {}

  /** For each manager but {@code self} what the write does to its fields. */
  private Map<Manager, Changes> changes(
      Managers managers,
      ObjectNode before,
      ObjectNode after,
      Comparison comparison,
      Manager.@Nullable Identity self) {
    Map<String, Comparison> comparisons = new LinkedHashMap<>();
    comparisons.put(apiVersion, comparison);
    Map<Manager, Changes> changes = new LinkedHashMap<>();
    for (Manager manager : managers.all()) {
      if (manager.identity().equals(self)) {
        continue;
      }
      Versions.Version version = version(manager.apiVersion()).orElse(null);
      if (version == null) {
        // Nobody can say any more what its fields were.
        managers.remove(manager);
        continue;
      }
      Comparison seen =
          comparisons.computeIfAbsent(
              manager.apiVersion(),
              _ ->
                  Comparison.of(version.schema(), version.from(before), version.from(after))
                      .without(ignored));
      changes.put(
          manager, new Changes(manager.fields().intersection(seen.changed()), seen.removed()));
    }
    return changes;
  }

  private static void takeAway(Managers managers, Map<Manager, Changes> changes) {
    changes.forEach((manager, change) -> {
      FieldSet left = manager.fields().difference(change.changed()).difference(change.removed());
      if (!left.equals(manager.fields())) {
        managers.put(manager.with(left));
      }
    });
  }

  private Conflicts conflicts(Map<Manager, Changes> changes, ObjectNode live) {
    Map<Manager, FieldSet> fields = new LinkedHashMap<>();
    changes.forEach((manager, change) -> {
      if (!change.changed().isEmpty()) {
        fields.put(manager, change.changed());
      }
    });
    Conflicts conflicts = new Conflicts(fields);
    return conflicts.isEmpty() || !byKubectl()
        ? conflicts
        : conflicts.without(LastApplied.unchanged(schema, live));
  }

  private boolean byKubectl() {
    return writer.name().equals(LastApplied.KUBECTL) && writer.subresource().isEmpty();
  }

  /** Without what the comparison must not see. */
  private static ObjectNode bare(ObjectNode object) {
    if (!Json.at(object, "metadata").has(MANAGED_FIELDS)) {
      return object;
    }
    ObjectNode bare = Json.object();
    bare.setAll(object);
    ObjectNode metadata = Json.object();
    metadata.setAll((ObjectNode) object.path("metadata"));
    metadata.remove(MANAGED_FIELDS);
    bare.set("metadata", metadata);
    return bare;
  }

  private static void write(ObjectNode object, Managers managers) {
    ObjectNode metadata = Json.ensureObject(object, "metadata");
    if (managers.isEmpty()) {
      metadata.remove(MANAGED_FIELDS);
    } else {
      metadata.set(MANAGED_FIELDS, managers.write());
    }
  }
}
