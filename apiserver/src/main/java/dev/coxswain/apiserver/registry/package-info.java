/** What a resource is: its names, shape and rules, and where to find it by a request's path. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.registry;
