package dev.coxswain.apiserver.watch;

import dev.coxswain.api.json.Json;
import dev.coxswain.api.meta.ObjectKey;
import dev.coxswain.apiserver.registry.SelectableFields;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One version of one object: its bytes as they are stored and served, resourceVersion included.
 * What selectors look at is read from them once, when the first selector looks.
 */
public final class CachedObject {
  private final ObjectKey key;
  private final byte[] json;
  private final long revision;
  private volatile @Nullable Index index;
  private volatile @Nullable Rendered rendered;

  private record Index(
      SelectableFields extractor, Map<String, String> labels, Map<String, String> fields) {}

  @SuppressWarnings("ArrayRecordComponent") // Shared, never compared.
  private record Rendered(Representation representation, byte[] bytes) {}

  CachedObject(ObjectKey key, byte[] json, long revision) {
    this.key = key;
    this.json = json;
    this.revision = revision;
  }

  /** One that is not stored, as a dry run makes it: without a resourceVersion. */
  public static CachedObject unsaved(ObjectKey key, byte[] json) {
    return new CachedObject(key, json, 0);
  }

  /** Makes one from stored bytes; a resourceVersion that they hold is replaced. */
  public static CachedObject of(ObjectKey key, byte[] stored, long revision) {
    return new CachedObject(key, RevisionSplice.with(stored, revision), revision);
  }

  /** The same object as of another revision: what it was when it went away. */
  CachedObject at(long newRevision) {
    CachedObject copy = new CachedObject(key, RevisionSplice.with(json, newRevision), newRevision);
    copy.index = index;
    return copy;
  }

  /** Its name. */
  public ObjectKey key() {
    return key;
  }

  /** The stored version of the object, serialized; not to be changed. */
  public byte[] json() {
    return json;
  }

  /** The store revision of this version, which is its resourceVersion. */
  public long revision() {
    return revision;
  }

  /** Parses it; the tree is the caller's own. */
  public ObjectNode parse() {
    return Json.parseObject(json);
  }

  /** In another form; the last form asked for is kept, since watchers ask for the same one. */
  public byte[] as(Representation representation) {
    if (representation.equals(Representation.STORED)) {
      return json;
    }
    Rendered known = rendered;
    if (known != null && known.representation().equals(representation)) {
      return known.bytes();
    }
    byte[] bytes = representation.render(this);
    rendered = new Rendered(representation, bytes);
    return bytes;
  }

  /** Whether the selection contains it. */
  public boolean isIn(Selection selection) {
    if (!selection.namespace().isEmpty() && !selection.namespace().equals(key.namespace())) {
      return false;
    }
    if (!selection.name().isEmpty() && !selection.name().equals(key.name())) {
      return false;
    }
    if (selection.labels().everything() && selection.fields().everything()) {
      return true;
    }
    Index known = index(selection);
    return selection.labels().matches(known.labels()) && selection.fields().matches(known.fields());
  }

  private Index index(Selection selection) {
    Index known = index;
    if (known == null || !known.extractor().equals(selection.extractor())) {
      ObjectNode object = parse();
      Map<String, String> labels = new HashMap<>();
      for (Map.Entry<String, JsonNode> label :
          object.path("metadata").path("labels").properties()) {
        labels.put(label.getKey(), label.getValue().asString(""));
      }
      known =
          new Index(
              selection.extractor(), Map.copyOf(labels), selection.extractor().values(object));
      index = known;
    }
    return known;
  }
}
