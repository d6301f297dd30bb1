/**
 * Changing a document by a patch: JSON patch, merge patch, and Kubernetes' strategic merge patch.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.api.patch;
