/** Who owns which fields of an object: {@code metadata.managedFields} and server-side apply. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.managedfields;
