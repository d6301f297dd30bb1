/** The functions that Kubernetes adds to the Common Expression Language. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.cel.library;
