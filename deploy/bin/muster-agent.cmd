@"%~dp0..\lib\node.exe" "%~dp0..\lib\muster-agent.mjs" %*
