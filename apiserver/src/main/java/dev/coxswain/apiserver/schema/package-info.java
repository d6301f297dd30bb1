/** The built-in kinds' shapes, and reading, checking and pruning objects by a shape. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.schema;
