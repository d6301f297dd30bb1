/** The Pod Security Standards: what pods of a namespace may ask of their node. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.podsecurity;
