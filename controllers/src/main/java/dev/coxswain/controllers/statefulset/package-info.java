/** StatefulSet: pods with names and claims of their own, in their order. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.statefulset;
