package dev.coxswain.apiserver.watch;

import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.SelectableFields;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a resource a list or watch is about.
 *
 * @param namespace the namespace; empty for all
 * @param name the one name; empty for all
 * @param labels which labels
 * @param fields which fields
 * @param extractor reads the fields from objects of this resource
 */
public record Selection(
    String namespace,
    String name,
    LabelSelector labels,
    FieldSelector fields,
    SelectableFields extractor) {

  /** Everything in a namespace; in all, for the empty string. */
  public static Selection namespace(String namespace) {
    return new Selection(
        namespace,
        "",
        LabelSelector.EVERYTHING,
        FieldSelector.EVERYTHING,
        SelectableFields.metadata());
  }

  /** Whether it takes another server to know what is in it. */
  public boolean asks() {
    return extractor.conversion().asks();
  }

  /** As much of it as can be known at once: more is in it. */
  public Selection atOnce() {
    List<String> known = SelectableFields.metadata().names();
    return new Selection(
        namespace,
        name,
        labels,
        new FieldSelector(
            fields.terms().stream().filter(term -> known.contains(term.field())).toList()),
        SelectableFields.metadata());
  }

  /**
   * What an event in {@link #atOnce} is to who watches the selection itself; null where it is
   * nothing to him. Asks, where that is needed.
   */
  public @Nullable Delivery judged(Delivery event) {
    return new CacheEvent(event.object(), event.previous(), event.type() == EventType.DELETED)
        .seenBy(this);
  }

  /** Whether every object of the resource is in it. */
  boolean everything() {
    return namespace.isEmpty() && name.isEmpty() && labels.everything() && fields.everything();
  }
}
