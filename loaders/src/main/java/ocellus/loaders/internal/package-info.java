/** Helpers of this module that are not API. */
package ocellus.loaders.internal;
