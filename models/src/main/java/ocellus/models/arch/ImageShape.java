package ocellus.models.arch;

/** The images that a network takes, as {@code [height, width, channels]}. */
record ImageShape(int height, int width, int channels) {}
