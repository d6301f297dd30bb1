/** What may stand in an object: the shape that validation, pruning and patches are driven by. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.schema;
