/** Images built without a registry: tar, OCI archives, the two built-in images. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.deploy.image;
