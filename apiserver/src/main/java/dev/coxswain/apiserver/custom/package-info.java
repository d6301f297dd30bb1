/** Custom resources: what a CustomResourceDefinition makes the server serve. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.custom;
