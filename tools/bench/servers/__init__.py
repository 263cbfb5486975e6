"""Echo servers, each as a user of its library writes it."""
