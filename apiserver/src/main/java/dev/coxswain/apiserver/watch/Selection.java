package dev.coxswain.apiserver.watch;

import dev.coxswain.api.selector.FieldSelector;
import dev.coxswain.api.selector.LabelSelector;
import dev.coxswain.apiserver.registry.SelectableFields;

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

  /** Whether every object of the resource is in it. */
  boolean everything() {
    return namespace.isEmpty() && name.isEmpty() && labels.everything() && fields.everything();
  }
}
