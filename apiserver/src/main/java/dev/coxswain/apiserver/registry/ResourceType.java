package dev.coxswain.apiserver.registry;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.api.meta.GroupVersionKind;
import dev.coxswain.api.schema.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A resource in one version: everything the request path has to know. Built-in kinds and custom
 * resources are the same here. Immutable.
 */
public final class ResourceType {
  /** Upstream's kinds of which the deleted object is returned. */
  private static final Set<String> ANSWERED_WITH =
      Set.of(
          "persistentvolumeclaims",
          "persistentvolumes",
          "pods",
          "podtemplates",
          "resourcequotas",
          "serviceaccounts",
          "services",
          "csidrivers.storage.k8s.io",
          "csinodes.storage.k8s.io",
          "storageclasses.storage.k8s.io",
          "volumeattachments.storage.k8s.io",
          "volumeattributesclasses.storage.k8s.io",
          "deviceclasses.resource.k8s.io",
          "resourceclaims.resource.k8s.io",
          "resourceclaimtemplates.resource.k8s.io",
          "resourceslices.resource.k8s.io");

  private final GroupVersionKind kind;
  private final String plural;
  private final String singular;
  private final boolean namespaced;
  private final boolean stored;
  private final Set<Verb> verbs;
  private final List<String> shortNames;
  private final List<String> categories;
  private final List<Subresource> subresources;
  private final List<Column> columns;
  private final SelectableFields selectableFields;
  private final Schema schema;
  private final Strategy strategy;
  private final GroupVersionKind storedKind;
  private final String storedPlural;
  private final Conversion conversion;
  private final String listKind;
  private final boolean custom;
  private final String deprecation;

  private ResourceType(Builder builder) {
    kind = builder.kind;
    plural = builder.plural;
    singular = builder.singular;
    namespaced = builder.namespaced;
    stored = builder.stored;
    verbs = Set.copyOf(builder.verbs);
    shortNames = List.copyOf(builder.shortNames);
    categories = List.copyOf(builder.categories);
    subresources = List.copyOf(builder.subresources);
    columns = List.copyOf(builder.columns);
    selectableFields = builder.selectableFields;
    schema = builder.schema;
    strategy = builder.strategy;
    storedKind = builder.storedKind == null ? kind : builder.storedKind;
    storedPlural = builder.storedPlural == null ? plural : builder.storedPlural;
    conversion = builder.conversion;
    listKind = builder.listKind == null ? kind.kind() + "List" : builder.listKind;
    custom = builder.custom;
    deprecation = builder.deprecation;
  }

  /** Starts the declaration of a kind, namespaced, with every verb, no rules and no shape. */
  public static Builder of(String group, String version, String kind) {
    return new Builder(new GroupVersionKind(group, version, kind));
  }

  /** The group, version and kind. */
  public GroupVersionKind kind() {
    return kind;
  }

  /** The kind of a list of these: {@code PodList}. */
  public String listKind() {
    return listKind;
  }

  /** Whether a CustomResourceDefinition brought it. */
  public boolean custom() {
    return custom;
  }

  /** What whoever uses this version is warned of; empty where it is not deprecated. */
  public String deprecation() {
    return deprecation;
  }

  /** The resource's name in paths: {@code pods}. */
  public String plural() {
    return plural;
  }

  /** {@code pod}. */
  public String singular() {
    return singular;
  }

  /** The resource without its version. */
  public GroupResource resource() {
    return new GroupResource(kind.group(), plural);
  }

  /** Whether objects live in namespaces. */
  public boolean namespaced() {
    return namespaced;
  }

  /** Whether objects are kept; false for questions such as {@code SubjectAccessReview}. */
  public boolean stored() {
    return stored;
  }

  /** What may be asked of it. */
  public Set<Verb> verbs() {
    return verbs;
  }

  /** {@code po}. */
  public List<String> shortNames() {
    return shortNames;
  }

  /** The groups of resources it belongs to, such as {@code all}. */
  public List<String> categories() {
    return categories;
  }

  /** What hangs below its objects. */
  public List<Subresource> subresources() {
    return subresources;
  }

  /** The subresource with this name. */
  public Optional<Subresource> subresource(String name) {
    for (Subresource subresource : subresources) {
      if (subresource.name().equals(name)) {
        return Optional.of(subresource);
      }
    }
    return Optional.empty();
  }

  /** Whether the status is kept apart from the rest. */
  public boolean hasStatus() {
    return subresource("status").isPresent();
  }

  /** The columns of its table. */
  public List<Column> columns() {
    return columns;
  }

  /**
   * Whether who deletes an object at once is answered with it as it was last, and not with a mere
   * success: clients that are generated from the API's description take the answer for the object.
   */
  public boolean answersWithDeleted() {
    return ANSWERED_WITH.contains(resource().toString());
  }

  /** The fields by which it can be selected. */
  public SelectableFields selectableFields() {
    return selectableFields;
  }

  /** Its shape. */
  public Schema schema() {
    return schema;
  }

  /** Its rules. */
  public Strategy strategy() {
    return strategy;
  }

  /** The kind under which it is stored: another version, or another group, of the same thing. */
  public GroupVersionKind storedKind() {
    return storedKind;
  }

  /** The resource under whose name it is stored, such as {@code events} of the core group. */
  public GroupResource storedResource() {
    return new GroupResource(storedKind.group(), storedPlural);
  }

  /** Whether objects are served in another form than the one that is stored. */
  public boolean converts() {
    return custom || !storedKind.equals(kind);
  }

  /** Between this and {@link #storedKind}. */
  public Conversion conversion() {
    return conversion;
  }

  @Override
  public String toString() {
    return plural + "." + kind.version() + (kind.group().isEmpty() ? "" : "." + kind.group());
  }

  /** Declares a {@link ResourceType}. */
  public static final class Builder {
    private final GroupVersionKind kind;
    private String plural;
    private String singular;
    private boolean namespaced = true;
    private boolean stored = true;
    private Set<Verb> verbs = EnumSet.allOf(Verb.class);
    private List<String> shortNames = List.of();
    private List<String> categories = List.of();
    private final List<Subresource> subresources = new ArrayList<>();
    private List<Column> columns = List.of();
    private SelectableFields selectableFields = SelectableFields.metadata();
    private Schema schema = Schema.anything();
    private Strategy strategy = new Strategy() {};
    private @Nullable GroupVersionKind storedKind;
    private @Nullable String storedPlural;
    private Conversion conversion = Conversion.none();
    private @Nullable String listKind;
    private boolean custom;
    private String deprecation = "";

    private Builder(GroupVersionKind kind) {
      this.kind = kind;
      this.singular = kind.kind().toLowerCase(Locale.ROOT);
      this.plural = singular + "s";
    }

    /** Names the resource where the kind with an s is not right. */
    public Builder plural(String plural) {
      this.plural = plural;
      return this;
    }

    /** Names one of it where the kind in lower case is not right. */
    public Builder singular(String singular) {
      this.singular = singular;
      return this;
    }

    /** Objects live outside namespaces. */
    public Builder clusterScoped() {
      this.namespaced = false;
      return this;
    }

    /** Sets the scope. */
    public Builder namespaced(boolean namespaced) {
      this.namespaced = namespaced;
      return this;
    }

    /** Objects are answered and forgotten: only create is possible. */
    public Builder notStored() {
      this.stored = false;
      this.verbs = EnumSet.of(Verb.CREATE);
      return this;
    }

    /** What may be asked. */
    public Builder verbs(Verb first, Verb... rest) {
      this.verbs = EnumSet.of(first, rest);
      return this;
    }

    /** Adds the short names. */
    public Builder shortNames(String... shortNames) {
      this.shortNames = List.of(shortNames);
      return this;
    }

    /** Adds the short names. */
    public Builder shortNames(Collection<String> shortNames) {
      this.shortNames = List.copyOf(shortNames);
      return this;
    }

    /** Adds the categories. */
    public Builder categories(String... categories) {
      this.categories = List.of(categories);
      return this;
    }

    /** Adds the categories. */
    public Builder categories(Collection<String> categories) {
      this.categories = List.copyOf(categories);
      return this;
    }

    /** Adds what hangs below the objects. */
    public Builder subresources(Subresource... subresources) {
      this.subresources.addAll(List.of(subresources));
      return this;
    }

    /** Keeps the status apart. */
    public Builder status() {
      return subresources(new Subresource.Status());
    }

    /** Sets the columns. */
    public Builder columns(List<Column> columns) {
      this.columns = columns;
      return this;
    }

    /** Sets the columns. */
    public Builder columns(Column... columns) {
      return columns(List.of(columns));
    }

    /** Sets the fields by which objects can be selected. */
    public Builder selectableFields(SelectableFields selectableFields) {
      this.selectableFields = selectableFields;
      return this;
    }

    /** Sets the shape. */
    public Builder schema(Schema schema) {
      this.schema = schema;
      return this;
    }

    /** Sets the rules. */
    public Builder strategy(Strategy strategy) {
      this.strategy = strategy;
      return this;
    }

    /** Stores it as another version or group of the same thing. */
    public Builder storedAs(GroupVersionKind storedKind, String plural, Conversion conversion) {
      this.storedKind = storedKind;
      this.storedPlural = plural;
      this.conversion = conversion;
      return this;
    }

    /** A CustomResourceDefinition brought it; its lists are of this kind. */
    public Builder custom(String listKind) {
      this.custom = true;
      this.listKind = listKind;
      return this;
    }

    /** Warns whoever uses it. */
    public Builder deprecation(String deprecation) {
      this.deprecation = deprecation;
      return this;
    }

    /** The declared type. */
    public ResourceType build() {
      return new ResourceType(this);
    }
  }
}
