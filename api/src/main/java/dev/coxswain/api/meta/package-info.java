/** Names of types, resources and objects. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.meta;
