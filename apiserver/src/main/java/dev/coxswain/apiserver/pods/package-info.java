/** What is done to pods by posting to them: bindings and evictions. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.pods;
