"""The model as it will serve: bytes of RGB pictures in, one row of scores per picture out.

Made once, in TensorFlow, from the SavedModel and what is folded into it. Conversion and the reference scores both come
from here, so that they cannot disagree on what goes in.
"""

import tensorflow as tf


def load(plan):
    """The function of uint8 [n, height, width, 3] that gives float32 [n, classes]."""
    signature, normalisation = plan["signature"], plan["normalisation"]
    model = tf.saved_model.load(plan["savedModel"], tags=["serve"])
    run = model.signatures[signature["name"]]
    image, output = signature["input"], signature["output"]["key"]
    activation = {"none": tf.identity, "softmax": tf.nn.softmax, "sigmoid": tf.nn.sigmoid}[plan["activation"]]
    shape = tf.TensorSpec([None, image["height"], image["width"], 3], tf.uint8, name="images")

    @tf.function(input_signature=[shape])
    def scores(images):
        pixels = images
        if image["dtype"] != "uint8":
            pixels = normalised(tf.cast(images, tf.float32), normalisation)
            pixels = tf.cast(pixels, image["dtype"])
        if image["layout"] == "nchw":
            pixels = tf.transpose(pixels, [0, 3, 1, 2])
        return activation(tf.cast(run(**{image["key"]: pixels})[output], tf.float32))

    # The variables live as long as the model that holds them.
    scores.saved_model = model
    return scores


def normalised(pixels, normalisation):
    if normalisation["order"] == "bgr":
        pixels = tf.reverse(pixels, axis=[-1])
    deviation = normalisation["deviation"]
    scale = [1 / each for each in deviation]
    shift = [-mean / each for mean, each in zip(normalisation["mean"], deviation)]
    if scale != [1, 1, 1]:
        pixels = pixels * tf.constant(scale, tf.float32)
    if any(shift):
        pixels = pixels + tf.constant(shift, tf.float32)
    return pixels
